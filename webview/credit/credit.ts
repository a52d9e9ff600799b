import "./credit.css";
import { connectHost } from "../page.ts";
import { CreditApp } from "./creditApp.ts";

new CreditApp(connectHost()).start();
