import { describe, expect, it } from 'vitest'
import {
  firstResultValues,
  type ResultValues,
  resultProblems,
  resultValuesSchema,
  storeOfResult,
  variablesOfResult,
} from './result-values.ts'

const hub: ResultValues = { place: 'huggingface', repository: 'me/adapter', token: 'hf_write' }

describe('where the result goes', () => {
  it('asks for nothing where the deployment decides, or a store was chosen', () => {
    for (const place of ['', 'supabase', 's3', 'local'] as const) {
      const values = resultValuesSchema.parse({ ...firstResultValues, place })
      expect(resultProblems(values, [])).toEqual([])
      expect(variablesOfResult(values)).toEqual({})
      expect(storeOfResult(values)).toBe(place === '' ? null : place)
    }
  })

  it('tells the runner a repository and the token for it, and names no store', () => {
    expect(resultProblems(hub, ['WANDB_API_KEY'])).toEqual([])
    expect(variablesOfResult(hub)).toEqual({ HF_REPO_ID: 'me/adapter', HF_TOKEN: 'hf_write' })
    expect(storeOfResult(hub)).toBeNull()
  })

  it('takes the token from the variables where it is there already', () => {
    expect(resultProblems({ ...hub, token: '' }, ['HF_TOKEN'])).toEqual([])
    expect(variablesOfResult({ ...hub, token: '' })).toEqual({ HF_REPO_ID: 'me/adapter' })
  })

  it.each(['', 'adapter', 'me/', 'me/a/b', 'https://huggingface.co/me/a', 'me/a b'])(
    'refuses "%s" for a repository',
    (repository) => {
      expect(resultProblems({ ...hub, repository }, [])[0]?.path).toEqual(['result', 'repository'])
    },
  )

  it('asks for a token, and says which variable is set twice', () => {
    expect(resultProblems({ ...hub, token: '' }, [])[0]?.path).toEqual(['result', 'token'])
    expect(resultProblems(hub, ['A', 'HF_TOKEN'])[0]?.path).toEqual(['environment', 1, 'name'])
    expect(resultProblems(hub, ['HF_REPO_ID'])[0]?.path).toEqual(['environment', 0, 'name'])
  })
})
