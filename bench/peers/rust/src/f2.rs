// F2, auth: answers 401 without `authorization`; else copies its value to the response.
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, LogLevel};

proxy_wasm::main! {{
    proxy_wasm::set_log_level(LogLevel::Warn);
    proxy_wasm::set_http_context(|_, _| -> Box<dyn HttpContext> { Box::new(Auth { authorization: None }) });
}}

struct Auth {
    authorization: Option<String>,
}

impl Context for Auth {}

impl HttpContext for Auth {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        self.authorization = self.get_http_request_header("authorization");
        if self.authorization.is_none() {
            self.send_http_response(401, vec![], Some(b"Access forbidden.\n"));
            return Action::Pause;
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        if let Some(value) = &self.authorization {
            self.add_http_response_header("x-test", value);
        }
        Action::Continue
    }
}
