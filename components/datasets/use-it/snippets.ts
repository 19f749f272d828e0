/** Text to take away. The token stays a name: nobody should paste one into a file. */
const tokenName = 'FINETUNELAB_TOKEN'

export function pythonSnippet(origin: string, datasetId: string): string {
  return `import gzip, json, os, urllib.request

request = urllib.request.Request(
    "${origin}/api/training/dataset/${datasetId}/download-url",
    data=b"{}",
    headers={
        "Authorization": f"Bearer {os.environ['${tokenName}']}",
        "Content-Type": "application/json",
    },
)
link = json.load(urllib.request.urlopen(request))["url"]

with gzip.open(urllib.request.urlopen(link), "rt", encoding="utf-8") as rows:
    for row in map(json.loads, rows):
        print(row)
        break
`
}

function huggingFaceSnippet(origin: string, datasetId: string): string {
  return `import os
import requests
from datasets import load_dataset

link = requests.post(
    "${origin}/api/training/dataset/${datasetId}/download-url",
    json={},
    headers={"Authorization": f"Bearer {os.environ['${tokenName}']}"},
).json()["url"]

dataset = load_dataset("json", data_files=link, split="train")
`
}

function curlSnippet(origin: string, datasetId: string): string {
  return `curl -s -X POST ${origin}/api/training/dataset/${datasetId}/download-url \\
  -H "Authorization: Bearer $${tokenName}" \\
  -H "Content-Type: application/json" -d '{}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["url"])' \\
  | xargs curl -o dataset.jsonl.gz

zcat dataset.jsonl.gz | head -n 3
`
}

function cliSnippet(origin: string, datasetId: string): string {
  return `# in a clone of FineTune Lab, on any machine
npx finetunelab login --url ${origin}
npx finetunelab datasets rows ${datasetId} --limit 3
`
}

export const snippets = [
  { id: 'python', label: 'Python', code: pythonSnippet },
  { id: 'huggingface', label: 'Hugging Face datasets', code: huggingFaceSnippet },
  { id: 'curl', label: 'curl', code: curlSnippet },
  { id: 'cli', label: 'Command line', code: cliSnippet },
]
