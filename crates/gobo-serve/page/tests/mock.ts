// `npm run mock`: the mock server by itself, to look at the page. PORT and TOKEN may be set.
import { startMock } from "./mock/server";

const { PORT, TOKEN, NO_PATCH } = process.env;
const { url } = await startMock({ port: Number(PORT ?? 8710), token: TOKEN, withPatch: !NO_PATCH });
console.log(url);
