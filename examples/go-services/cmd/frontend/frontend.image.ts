import { goService } from "../../dev/go-service.ts";

export default goService("frontend", { exposedPorts: ["3080"], workdir: "/srv/www" });
