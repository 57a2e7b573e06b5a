/** Two flows that use all that the model knows. */
export const dag = `# comment
inputs:
  text:
    type: string
    default: "Hallo Wörld 😀"
    description: what to say
  count: {type: int, default: 3}
outputs:
  result:
    type: string
    reference: \${say.output}
nodes:
- name: say
  type: python
  source:
    type: code
    path: say it.py
  inputs:
    text: \${inputs.text}
    list: [1, 2.5, true, null]
- name: count
  type: python
  aggregation: true
  source: {type: package, tool: pkg.tool.count}
- name: ask
  use_variants: true
node_variants:
  ask:
    default_variant_id: variant_0
    variants:
      variant_0:
        node:
          type: llm
          connection: openai
          source: {type: code, path: ask.jinja2}
environment:
  image: acr.io/base:1 # where from
  python_requirements_txt: ../shared/reqs.txt
additional_includes:
- ../shared/reqs.txt
- "../more files"
environment_variables:
  KEY: value
  NUMBER: 5
`;

export const flex = `entry: main:Chat
environment: {python_requirements_txt: requirements.txt}
init:
  model: {type: string, default: m}
sample:
  inputs:
    question: why?
`;
