// The script of the pages, and the tests of them.
const names = (list) => Object.fromEntries(list.split(" ").map((name) => [name, "readonly"]));

export default [
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "block-scoped-var": "error",
      "consistent-return": "error",
      "default-case": "error",
      eqeqeq: "error",
      "no-implicit-globals": "error",
      "no-shadow": "error",
      "no-undef": "error",
      "no-unused-vars": "error",
      "no-use-before-define": "error",
      "no-var": "error",
      "prefer-const": "error",
      strict: ["error", "safe"],
    },
  },
  {
    files: ["**/script.js"],
    languageOptions: { sourceType: "script", globals: names("document navigator getSelection setTimeout") },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { sourceType: "module", globals: names("process document window console URL getComputedStyle Buffer") },
    rules: { strict: "off" },
  },
];
