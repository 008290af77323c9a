// F4, body: buffers the request body, changes it to upper case, forwards it.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &upperCase{} })
}

type upperCase struct {
	types.DefaultHttpContext
}

func (*upperCase) OnHttpRequestHeaders(int, bool) types.Action {
	if err := proxywasm.RemoveHttpRequestHeader("content-length"); err != nil {
		proxywasm.LogErrorf("content-length was not removed: %v", err)
	}
	return types.ActionContinue
}

func (*upperCase) OnHttpRequestBody(bodySize int, endOfStream bool) types.Action {
	if !endOfStream {
		return types.ActionPause
	}
	body, err := proxywasm.GetHttpRequestBody(0, bodySize)
	if err != nil {
		proxywasm.LogErrorf("no body: %v", err)
		return types.ActionContinue
	}
	for i, c := range body {
		if c >= 'a' && c <= 'z' {
			body[i] = c - 0x20
		}
	}
	if err := proxywasm.ReplaceHttpRequestBody(body); err != nil {
		proxywasm.LogErrorf("the body was not replaced: %v", err)
	}
	return types.ActionContinue
}
