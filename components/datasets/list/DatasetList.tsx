'use client'

import { Alert } from '#components/ui/alert.tsx'
import { Button } from '#components/ui/button.tsx'
import { ErrorState } from '#components/ui/error-state.tsx'
import { TabCount, Tabs, TabsContent, TabsList, TabsTrigger } from '#components/ui/tabs.tsx'
import { storageProviderLabels, storageProviders } from '#lib/storage/storage-provider.types.ts'
import { useDatasetList } from '../dataset-queries.ts'
import { DatasetListSkeleton } from './DatasetListSkeleton.tsx'
import { DatasetTable } from './DatasetTable.tsx'
import { ListToolbar } from './ListToolbar.tsx'
import { NoDatasets, NoMatch } from './NoDatasets.tsx'
import { useListView } from './use-list-view.ts'

export function DatasetList() {
  const { view, change } = useListView()
  const list = useDatasetList(view)
  const first = list.data?.pages[0]
  const datasets = list.data?.pages.flatMap((page) => page.datasets) ?? []
  const counts = first?.provider_counts
  const total = counts ? storageProviders.reduce((sum, provider) => sum + (counts[provider] ?? 0), 0) : null
  const filtered = Boolean(view.provider || view.format || view.search)
  return (
    <Tabs
      value={view.provider ?? 'all'}
      onValueChange={(value) => change('provider', value === 'all' ? '' : value)}
      activationMode="manual"
    >
      <TabsList aria-label="Stores">
        <TabsTrigger value="all">All {total === null ? null : <TabCount>{total}</TabCount>}</TabsTrigger>
        {storageProviders.map((provider) => (
          <TabsTrigger key={provider} value={provider}>
            {storageProviderLabels[provider].badge}{' '}
            {counts ? <TabCount>{counts[provider] ?? 0}</TabCount> : null}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value={view.provider ?? 'all'} className="grid gap-4">
        <ListToolbar view={view} change={change} />
        {list.isPending ? <DatasetListSkeleton /> : null}
        {list.isError && !first ? (
          <ErrorState
            error={list.error}
            title="The datasets could not be loaded"
            retry={() => list.refetch()}
          />
        ) : null}
        {list.isError && first ? (
          <Alert
            tone="warning"
            title="This list may be old"
            action={<Button onClick={() => list.refetch()}>Try again</Button>}
          >
            {list.error.message}.
          </Alert>
        ) : null}
        {first && datasets.length > 0 ? (
          <DatasetTable datasets={datasets} stale={list.isPlaceholderData} />
        ) : null}
        {first && datasets.length === 0 ? (
          filtered ? (
            <NoMatch
              view={view}
              onClear={() => {
                change('provider', '')
                change('format', '')
                change('search', '')
              }}
            />
          ) : (
            <NoDatasets />
          )
        ) : null}
        {list.hasNextPage ? (
          <Button
            className="justify-self-center"
            busy={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            Load more
          </Button>
        ) : null}
        <p role="status" className="sr-only">
          {first ? `${first.count} datasets` : ''}
        </p>
      </TabsContent>
    </Tabs>
  )
}
