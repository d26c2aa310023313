# Coursewright: the API, the worker and the tools are one image; the command says which it is.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/coursewright
WORKDIR /src
# What changes rarely comes first, so that it is not installed anew for each change of ours.
COPY requirements.lock ./
RUN /opt/coursewright/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY backend ./backend
RUN /opt/coursewright/bin/pip install --no-deps .

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --create-home coursewright \
 && install -d -o coursewright -g coursewright -m 0750 /data
COPY --from=build /opt/coursewright /opt/coursewright
ENV PATH=/opt/coursewright/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    COURSEWRIGHT_DATA_DIR=/data \
    COURSEWRIGHT_LOG_FORMAT=json \
    COURSEWRIGHT_LOG_LEVEL=info \
    COURSEWRIGHT_PORT=8008
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8008
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['COURSEWRIGHT_PORT'] + '/ready', timeout=4)"]
CMD ["coursewright", "serve"]
