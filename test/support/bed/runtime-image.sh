# Runs as root in a container of a plain Python image; /mnt is the volume of downloads.
set -eu
exec </dev/null
if [ ! -x /mnt/uv/bin/uv ]; then
  # The older Pythons' own pip is slow and old: a pip of the moment fetches uv, which does the rest.
  python3 -m venv /tmp/fetch
  /tmp/fetch/bin/python -m pip install -q --disable-pip-version-check --cache-dir /mnt/pip uv
  mkdir -p /mnt/uv/bin
  cp /tmp/fetch/bin/uv /mnt/uv/bin/uv.$$
  mv /mnt/uv/bin/uv.$$ /mnt/uv/bin/uv
  rm -rf /tmp/fetch
fi
environment=/azureml-envs/prompt-flow/runtime
python3 -m venv "$environment"
${PIP_INDEX_URL:+env UV_INDEX_URL="$PIP_INDEX_URL"} /mnt/uv/bin/uv pip install --cache-dir /mnt/uv-cache \
  --link-mode copy --compile-bytecode --python "$environment/bin/python" promptflow promptflow-tools
rm -f /tmp/uv-*.lock

mkdir -p /service/app
useradd --uid 1234 --create-home appuser
cat > /usr/local/bin/start-runtime <<'END'
#!/bin/sh
# Stands for the services that Microsoft's image starts: a session that runs this has not overridden the entrypoint.
echo "bed: the image's entrypoint ran" | tee /tmp/bed-entrypoint-ran >&2
exit 64
END
chmod 755 /usr/local/bin/start-runtime
