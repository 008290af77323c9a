// F4, body: buffers the request body, changes it to upper case, forwards it.
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_http_context(|_, _| -> Box<dyn HttpContext> { Box::new(UpperCase) });
}}

struct UpperCase;

impl Context for UpperCase {}

impl HttpContext for UpperCase {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        self.set_http_request_header("content-length", None);
        Action::Continue
    }

    fn on_http_request_body(&mut self, body_size: usize, end_of_stream: bool) -> Action {
        if !end_of_stream {
            return Action::Pause;
        }
        if let Some(mut body) = self.get_http_request_body(0, body_size) {
            body.make_ascii_uppercase();
            self.set_http_request_body(0, body_size, &body);
        }
        Action::Continue
    }
}
