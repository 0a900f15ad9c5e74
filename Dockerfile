# 三步：取前端文件、装 Python 包、拼成不含编译工具和 npm 的运行镜像（中文字体供生成 PDF）。
FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional

FROM python:3.11-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN /opt/venv/bin/pip install -r requirements.txt
COPY . .
COPY --from=frontend /build/node_modules node_modules
RUN /opt/venv/bin/python config/bootstrap.py --image && rm -r node_modules

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 \
    MODE=production DATA_DIR=/data
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin crm \
    && install -d -o crm -g crm -m 700 /data
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages --chown=root:root /app /app
WORKDIR /app
USER crm
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.web", "--bind", "0.0.0.0:8000"]
