# One file for every service: docker build --build-arg APP=gateway .
ARG NODE=node:24-slim

# Everything is built once, whichever service is asked for.
FROM ${NODE} AS built
WORKDIR /repo
COPY . .
RUN npm ci --no-audit --no-fund && npm run build

# A service is a bundle: it needs none of what built it.
FROM ${NODE}
ARG APP
# Memory of large requests goes back to the system when it is freed, in place of staying with malloc of the C library.
ENV NODE_ENV=production MALLOC_MMAP_THRESHOLD_=65536
WORKDIR /app
COPY --from=built /repo/apps/${APP}/package.json ./
COPY --from=built /repo/apps/${APP}/dist ./dist
# The one folder that a service may write to; a volume that is mounted here belongs to it.
RUN install -d -o node -g node /var/lib/millrace
USER node
# Each service's own port, so that the health check needs no other word.
ARG PORT=8080
ENV PORT=${PORT}
EXPOSE ${PORT}
HEALTHCHECK --interval=3s --timeout=3s --start-period=30s --retries=10 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT || process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
