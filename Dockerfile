FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

# Not Alpine: Temporal's native core needs glibc.
FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production NODE_OPTIONS=--max-old-space-size=1536
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/knowledge ./knowledge
# Replies of the model, and issues where no Elasticsearch is configured; `release-prep` on PATH, as hints name it.
RUN mkdir .release-prep && chown node:node .release-prep && \
  chmod +x dist/src/cli.js && ln -s /app/dist/src/cli.js /usr/local/bin/release-prep
USER node
CMD ["node", "/app/dist/src/worker.js"]
