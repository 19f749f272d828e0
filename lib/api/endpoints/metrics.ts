import { endpoint } from '../endpoint.ts'

/** Public, as scrapers expect: it holds counts alone, of no user in particular. */
export const getMetrics = endpoint({
  id: 'getMetrics',
  method: 'GET',
  path: '/api/metrics',
  summary: 'Counts and durations of this process and the jobs that are alive, as Prometheus text',
  access: 'public',
  async handle({ services }) {
    return new Response(await services.metrics.text(), {
      headers: { 'content-type': services.metrics.contentType, 'cache-control': 'no-store' },
    })
  },
})
