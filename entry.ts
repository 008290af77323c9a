// The entry that the preset adds to every build: by package name, since a relative path would be a second copy.
export * from "proxy-wasm-as/assembly/exports";
