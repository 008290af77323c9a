;; F4, body: buffers the request body, changes it to upper case, forwards it.
(module
  (import "env" "proxy_remove_header_map_value" (func $remove (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_buffer_bytes" (func $set (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "content-length")
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
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (drop (call $remove (i32.const 0) (i32.const 16) (i32.const 14)))
    (i32.const 0))
  (func (export "proxy_on_request_body") (param $context i32) (param $size i32) (param $end i32) (result i32)
    (local $at i32) (local $last i32) (local $byte i32)
    (if (i32.eqz (local.get $end)) (then (return (i32.const 1))))
    (if (call $get (i32.const 0) (i32.const 0) (local.get $size) (i32.const 0) (i32.const 4))
      (then (return (i32.const 0))))
    (local.set $at (i32.load (i32.const 0)))
    (local.set $last (i32.add (local.get $at) (i32.load (i32.const 4))))
    (block $done
      (loop $letter
        (br_if $done (i32.ge_u (local.get $at) (local.get $last)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 26))
          (then (i32.store8 (local.get $at) (i32.sub (local.get $byte) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $letter)))
    (drop
      (call $set (i32.const 0) (i32.const 0) (local.get $size)
        (i32.load (i32.const 0)) (i32.load (i32.const 4))))
    (i32.const 0)))
