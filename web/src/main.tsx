import { createRoot } from "react-dom/client";

import { App } from "./app";
import { begin } from "./state/live";
import { applyTheme } from "./state/theme";
import "./style.css";

applyTheme();
void begin();
createRoot(document.getElementById("root")!).render(<App />);
