declare module "*.hbs" {
  const render: (slots: Readonly<Record<string, string>>) => string;
  export default render;
}
