import "./curves.css";
import { CurvesApp } from "./curvesApp.ts";
import { connectHost } from "./page.ts";

new CurvesApp(connectHost()).start();
