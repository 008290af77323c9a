;; F1, add-header: one header for every response.
(module
  (import "env" "proxy_add_header_map_value" (func $add (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "helloworld")
  (func (export "proxy_abi_version_0_2_1"))
  ;; Envoy refuses a module without it, and never calls this one.
  (func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 0))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    ;; type 2 is the response headers
    (drop (call $add (i32.const 2) (i32.const 0) (i32.const 5) (i32.const 5) (i32.const 5)))
    (i32.const 0)))
