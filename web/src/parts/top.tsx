/** What stands above every page: the model, the item, the link, help, the theme. */

import { useState } from "react";

import { addressNow } from "../state/address";
import { connected } from "../state/live";
import { useStore } from "../state/store";
import { toggleTheme, useTheme } from "../state/theme";
import { encode } from "../state/url";
import { Help } from "./help";
import { Icon } from "./icon";
import { Models } from "./models";
import { Stepper } from "./stepper";

export function Top() {
  const theme = useTheme();
  const live = useStore(connected);
  const [copied, setCopied] = useState(false);
  return (
    <header className="bar">
      <div className="brand">
        <Logo /> Pellucid
      </div>
      <Models />
      <Stepper />
      <span className="spring" />
      {!live && (
        <span className="badge poor" role="status">
          Connection lost, trying again
        </span>
      )}
      <button
        className="button bare"
        onClick={() => {
          void navigator.clipboard.writeText(location.origin + location.pathname + encode(addressNow()));
          setCopied(true);
          setTimeout(() => setCopied(false), 1600);
        }}
      >
        <Icon name="link" size={16} /> {copied ? "Copied" : "Copy link"}
      </button>
      <Help />
      <button
        className="button icon bare"
        onClick={toggleTheme}
        aria-label={theme === "dark" ? "Light theme" : "Dark theme"}
        title={theme === "dark" ? "Light theme" : "Dark theme"}
      >
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
    </header>
  );
}

function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        d="M12 2.5c4 5 6.500 8.400 6.500 11.800A6.500 6.500 0 0112 21a6.500 6.500 0 01-6.500-6.700C5.500 10.900 8 7.500 12 2.500z"
        fill="currentColor"
        opacity="0.18"
      />
      <path
        d="M12 2.500c4 5 6.500 8.400 6.500 11.800A6.500 6.500 0 0112 21a6.500 6.500 0 01-6.500-6.700C5.500 10.900 8 7.500 12 2.500z"
        stroke="currentColor"
        strokeWidth="1.600"
      />
      <circle cx="12" cy="14" r="2.600" fill="currentColor" />
    </svg>
  );
}
