// F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_http_context(|_, _| -> Box<dyn HttpContext> { Box::new(Summary) });
}}

struct Summary;

impl Context for Summary {}

impl HttpContext for Summary {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let headers = self.get_http_request_headers();
        let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.add_http_request_header("x-summary", &format!("{}/{}", headers.len(), bytes));
        self.set_http_request_header("x-remove-me", None);
        self.set_http_request_header("user-agent", Some("peer-filter/1.0"));
        Action::Continue
    }
}
