-- F1, add-header: one header for every response.
function envoy_on_response(handle)
  handle:headers():add("hello", "world")
end
