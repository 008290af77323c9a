// The runtime under the names that asc knows. The preset's transform puts it in the place of asc's `minimal`.
export { allocate as __new } from "./heap";
export { __collect, __visit } from "./marks";
export { __link, __renew } from "./objects";
export { __alloc, __free, __realloc } from "./owned";
export { __pin, __unpin } from "./pins";
