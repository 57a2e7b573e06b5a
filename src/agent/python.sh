#!/bin/sh
# Becomes the image's Python (3.8 or later) with the arguments given. Exit 97: the image has none.

fits() {
  [ -x "$1" ] || return 1
  case "$("$1" --version 2>&1)" in
    "Python 3."[89]* | "Python 3."[1-9][0-9]*) return 0 ;;
  esac
  return 1
}

for python in \
  /azureml-envs/prompt-flow/runtime/bin/python \
  "${VIRTUAL_ENV:+$VIRTUAL_ENV/bin/python}" \
  "${CONDA_PREFIX:+$CONDA_PREFIX/bin/python}" \
  "$(command -v python3)" \
  "$(command -v python)" \
  /opt/conda/bin/python /opt/miniconda/bin/python /opt/venv/bin/python \
  /usr/local/bin/python3 /usr/bin/python3; do
  if fits "$python"; then
    exec "$python" "$@"
  fi
done

echo "No Python 3.8 or later was found in this image." >&2
exit 97
