// F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
package main

import (
	"strconv"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &summary{} })
}

type summary struct {
	types.DefaultHttpContext
}

func (*summary) OnHttpRequestHeaders(int, bool) types.Action {
	headers, err := proxywasm.GetHttpRequestHeaders()
	if err != nil {
		proxywasm.LogErrorf("no headers: %v", err)
		return types.ActionContinue
	}
	bytes := 0
	for _, header := range headers {
		bytes += len(header[0]) + len(header[1])
	}
	check(proxywasm.AddHttpRequestHeader("x-summary", strconv.Itoa(len(headers))+"/"+strconv.Itoa(bytes)))
	check(proxywasm.RemoveHttpRequestHeader("x-remove-me"))
	check(proxywasm.ReplaceHttpRequestHeader("user-agent", "peer-filter/1.0"))
	return types.ActionContinue
}

func check(err error) {
	if err != nil {
		proxywasm.LogErrorf("a header was not written: %v", err)
	}
}
