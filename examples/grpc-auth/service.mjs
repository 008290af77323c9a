// The gRPC service that grpc-auth asks, on port 8081: example.Auth/Check knows Ada.
import { Buffer } from "node:buffer";
import { Server, ServerCredentials, status } from "@grpc/grpc-js";

// message CheckRequest { string token = 1; }    message CheckResponse { string user = 1; }
const read = (bytes) => bytes.subarray(2).toString();
const write = (text) => Buffer.from([10, text.length, ...Buffer.from(text)]);

const server = new Server();
server.addService(
  {
    Check: {
      path: "/example.Auth/Check",
      requestStream: false,
      responseStream: false,
      requestSerialize: write,
      requestDeserialize: read,
      responseSerialize: write,
      responseDeserialize: read,
    },
  },
  {
    Check({ request }, done) {
      const known = request === "Bearer t0ken";
      console.log(`Check ${known ? "ada" : "unknown"}`);
      if (known) done(null, "ada");
      else done({ code: status.PERMISSION_DENIED, details: "I do not know you" });
    },
  },
);
server.bindAsync("127.0.0.1:8081", ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  console.log("ready");
});
