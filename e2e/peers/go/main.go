// A filter with the Go SDK, for tests of `inspect`.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &addHeader{} })
}

type addHeader struct {
	types.DefaultHttpContext
}

func (*addHeader) OnHttpResponseHeaders(int, bool) types.Action {
	if err := proxywasm.AddHttpResponseHeader("hello", "world"); err != nil {
		proxywasm.LogErrorf("hello was not added: %v", err)
	}
	return types.ActionContinue
}
