import type { NextConfig } from 'next'

const config: NextConfig = {
  // Several builds of one checkout can stand side by side.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // `npm run check` checks types; a build that starts the product does not do it again.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // The address that `npm run dev` prints.
  allowedDevOrigins: ['127.0.0.1'],
}

export default config
