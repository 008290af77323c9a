-- F2, auth: answers 401 without `authorization`; else copies its value to the response, by way of dynamic metadata.
function envoy_on_request(handle)
  local value = handle:headers():get("authorization")
  if value == nil then
    handle:respond({ [":status"] = "401" }, "Access forbidden.\n")
    return
  end
  handle:streamInfo():dynamicMetadata():set("envoy.filters.http.lua", "authorization", value)
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata():get("envoy.filters.http.lua")
  local value = metadata and metadata["authorization"]
  if value ~= nil then
    handle:headers():add("x-test", value)
  end
end
