// F2, auth: answers 401 without `authorization`; else copies its value to the response.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &auth{} })
}

type auth struct {
	types.DefaultHttpContext
	authorization string
	authorized    bool
}

func (a *auth) OnHttpRequestHeaders(int, bool) types.Action {
	value, err := proxywasm.GetHttpRequestHeader("authorization")
	if err != nil {
		if err := proxywasm.SendHttpResponse(401, nil, []byte("Access forbidden.\n"), -1); err != nil {
			proxywasm.LogErrorf("no response was sent: %v", err)
		}
		return types.ActionPause
	}
	a.authorization, a.authorized = value, true
	return types.ActionContinue
}

func (a *auth) OnHttpResponseHeaders(int, bool) types.Action {
	if a.authorized {
		if err := proxywasm.AddHttpResponseHeader("x-test", a.authorization); err != nil {
			proxywasm.LogErrorf("x-test was not added: %v", err)
		}
	}
	return types.ActionContinue
}
