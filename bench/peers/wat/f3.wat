;; F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
(module
  (import "env" "proxy_get_header_map_pairs" (func $pairs (param i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
  (import "env" "proxy_replace_header_map_value" (func $replace (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "x-summaryx-remove-meuser-agentpeer-filter/1.0")
  (func (export "proxy_abi_version_0_2_1"))
  ;; What the host hands over is used before the next call, so that it may always stand at the same place.
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.add (local.get $size) (i32.const 1024)) (i32.shl (memory.size) (i32.const 16))))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then
        (drop (memory.grow (i32.add (i32.shr_u (local.get $missing) (i32.const 16)) (i32.const 1))))))
    (i32.const 1024))
  ;; Writes a number in decimal so that it ends before `end`; returns where it begins.
  (func $decimal (param $number i32) (param $end i32) (result i32)
    (loop $digit
      (i32.store8
        (local.tee $end (i32.sub (local.get $end) (i32.const 1)))
        (i32.add (i32.rem_u (local.get $number) (i32.const 10)) (i32.const 48)))
      (br_if $digit (local.tee $number (i32.div_u (local.get $number) (i32.const 10)))))
    (local.get $end))
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (local $at i32) (local $last i32) (local $bytes i32) (local $count i32)
    (if (call $pairs (i32.const 0) (i32.const 0) (i32.const 4)) (then (return (i32.const 0))))
    ;; The block begins with the number of pairs and all their lengths.
    (local.set $at (i32.load (i32.const 0)))
    (local.set $count (i32.load (local.get $at)))
    (local.set $last (i32.add (local.get $at) (i32.shl (local.get $count) (i32.const 3))))
    (block $done
      (loop $length
        (br_if $done (i32.ge_u (local.get $at) (local.get $last)))
        (local.set $bytes
          (i32.add (local.get $bytes)
            (i32.add (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $length)))
    (local.set $at (i32.sub (call $decimal (local.get $bytes) (i32.const 64)) (i32.const 1)))
    (i32.store8 (local.get $at) (i32.const 47))
    (local.set $at (call $decimal (local.get $count) (local.get $at)))
    (drop
      (call $add (i32.const 0) (i32.const 64) (i32.const 9)
        (local.get $at) (i32.sub (i32.const 64) (local.get $at))))
    (drop (call $remove (i32.const 0) (i32.const 73) (i32.const 11)))
    (drop (call $replace (i32.const 0) (i32.const 84) (i32.const 10) (i32.const 94) (i32.const 15)))
    (i32.const 0)))
