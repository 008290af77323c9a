-- F3, headers-heavy: counts all request headers and their bytes, removes one, replaces one.
function envoy_on_request(handle)
  local headers = handle:headers()
  local count, bytes = 0, 0
  for name, value in pairs(headers) do
    count = count + 1
    bytes = bytes + #name + #value
  end
  headers:add("x-summary", count .. "/" .. bytes)
  headers:remove("x-remove-me")
  headers:replace("user-agent", "peer-filter/1.0")
end
