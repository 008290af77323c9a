-- F4, body: buffers the request body, changes it to upper case, forwards it.
function envoy_on_request(handle)
  handle:headers():remove("content-length")
  local body = handle:body()
  if body ~= nil then
    body:setBytes(string.upper(body:getBytes(0, body:length())))
  end
end
