;; F2, auth: answers 401 without `authorization`; else copies its value to the response. The value is kept meanwhile, as
;; the host wrote it, in a node: 0 next, 4 context id, 8 size, 12 capacity, 16 bytes.
(module
  (import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $respond (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  ;; 0 and 4: pointer and size of a value; 8: the first free node; 16: texts; 256: heads of 2048 chains; then nodes.
  (memory (export "memory") 1)
  (data (i32.const 16) "authorizationx-testAccess forbidden.\n")
  (global $top (mut i32) (i32.const 8448))
  (global $given (mut i32) (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  ;; A node with room for `size` bytes: the first free one that has it, or a new one. 0 if there is no memory.
  (func $take (param $size i32) (result i32)
    (local $link i32) (local $node i32) (local $missing i32)
    (local.set $link (i32.const 8))
    (block $none
      (loop $next
        (br_if $none (i32.eqz (local.tee $node (i32.load (local.get $link)))))
        (if (i32.ge_u (i32.load offset=12 (local.get $node)) (local.get $size))
          (then
            (i32.store (local.get $link) (i32.load (local.get $node)))
            (return (local.get $node))))
        (local.set $link (local.get $node))
        (br $next)))
    (local.set $node (global.get $top))
    (local.set $size (i32.add (i32.or (local.get $size) (i32.const 127)) (i32.const 1)))
    (local.set $missing
      (i32.sub
        (i32.add (i32.add (local.get $node) (local.get $size)) (i32.const 16))
        (i32.shl (memory.size) (i32.const 16))))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then
        (if
          (i32.eq
            (memory.grow (i32.add (i32.shr_u (local.get $missing) (i32.const 16)) (i32.const 1)))
            (i32.const -1))
          (then (return (i32.const 0))))))
    (global.set $top (i32.add (i32.add (local.get $node) (local.get $size)) (i32.const 16)))
    (i32.store offset=12 (local.get $node) (local.get $size))
    (local.get $node))
  (func $free (param $node i32)
    (i32.store (local.get $node) (i32.load (i32.const 8)))
    (i32.store (i32.const 8) (local.get $node)))
  (func (export "proxy_on_memory_allocate") (param $size i32) (result i32)
    (global.set $given (call $take (local.get $size)))
    (if (result i32) (global.get $given)
      (then (i32.add (global.get $given) (i32.const 16)))
      (else (i32.const 0))))
  (func $chain (param $context i32) (result i32)
    (i32.add (i32.const 256) (i32.shl (i32.and (local.get $context) (i32.const 2047)) (i32.const 2))))
  ;; Where the pointer to the node of a stream stands; a null pointer if it has none.
  (func $find (param $context i32) (result i32)
    (local $link i32) (local $node i32)
    (local.set $link (call $chain (local.get $context)))
    (loop $next
      (local.set $node (i32.load (local.get $link)))
      (if
        (i32.and
          (i32.ne (local.get $node) (i32.const 0))
          (i32.ne (i32.load offset=4 (local.get $node)) (local.get $context)))
        (then
          (local.set $link (local.get $node))
          (br $next))))
    (local.get $link))
  (func (export "proxy_on_request_headers") (param $context i32) (param i32 i32) (result i32)
    (local $node i32) (local $link i32)
    (global.set $given (i32.const 0))
    (if (call $get (i32.const 0) (i32.const 16) (i32.const 13) (i32.const 0) (i32.const 4))
      (then
        (drop
          (call $respond (i32.const 401) (i32.const 0) (i32.const 0) (i32.const 35) (i32.const 18)
            (i32.const 0) (i32.const 0) (i32.const -1)))
        (return (i32.const 1))))
    ;; An empty value needs no memory of the host's.
    (if (i32.eqz (local.tee $node (global.get $given)))
      (then
        (if (i32.eqz (local.tee $node (call $take (i32.const 0)))) (then (return (i32.const 0))))
        (i32.store (i32.const 4) (i32.const 0))))
    (local.set $link (call $chain (local.get $context)))
    (i32.store (local.get $node) (i32.load (local.get $link)))
    (i32.store offset=4 (local.get $node) (local.get $context))
    (i32.store offset=8 (local.get $node) (i32.load (i32.const 4)))
    (i32.store (local.get $link) (local.get $node))
    (i32.const 0))
  (func (export "proxy_on_response_headers") (param $context i32) (param i32 i32) (result i32)
    (local $node i32)
    (if (local.tee $node (i32.load (call $find (local.get $context))))
      (then
        (drop
          (call $add (i32.const 2) (i32.const 29) (i32.const 6)
            (i32.add (local.get $node) (i32.const 16)) (i32.load offset=8 (local.get $node))))))
    (i32.const 0))
  (func (export "proxy_on_delete") (param $context i32)
    (local $link i32) (local $node i32)
    (local.set $link (call $find (local.get $context)))
    (if (local.tee $node (i32.load (local.get $link)))
      (then
        (i32.store (local.get $link) (i32.load (local.get $node)))
        (call $free (local.get $node))))))
