/** Flow files for the tests; every tool is plain Python. */

export type Files = Readonly<Record<string, string | Uint8Array>>;

const tool = (body: string): string =>
  `from promptflow.core import tool\n\n\n@tool\ndef work(text: str) -> object:\n${body}\n`;

/** One node that takes `text` and gives `result`; `environment` goes into the flow file as it is. */
export function oneNode(body = '    return f"<{text}>"', environment = '', more: Files = {}): Files {
  return {
    'flow.dag.yaml': `inputs:
  text:
    type: string
    default: nothing
outputs:
  result:
    type: object
    reference: \${work.output}
nodes:
- name: work
  type: python
  source: {type: code, path: work.py}
  inputs:
    text: \${inputs.text}
${environment}`,
    'work.py': tool(body),
    ...more,
  };
}

export const withRequirements = (name: string, text: string | Uint8Array, body?: string): Files =>
  oneNode(body, `environment:\n  python_requirements_txt: ${name}\n`, { [name]: text });

export const withImage = (image: string): Files => oneNode(undefined, `environment:\n  image: "${image}"\n`);
