'use client'

import { TabCount, Tabs, TabsContent, TabsList, TabsTrigger } from '#components/ui/tabs.tsx'
import type { Dataset } from '#lib/training/dataset.types.ts'
import { ActivityPanel } from '../activity/ActivityPanel.tsx'
import { ProblemsPanel } from '../report/ProblemsPanel.tsx'
import { RowBrowser } from '../rows/RowBrowser.tsx'
import { StatisticsPanel } from '../statistics/StatisticsPanel.tsx'
import { UseItPanel } from '../use-it/UseItPanel.tsx'
import { useDatasetView } from './use-dataset-view.ts'

export function DatasetTabs({ dataset }: { dataset: Dataset }) {
  const { view, change } = useDatasetView()
  const problems = Object.values(dataset.metadata.report?.problem_counts ?? {})
  const problemCount = problems.reduce((sum, count) => sum + count, 0)
  const ready = dataset.status === 'ready'
  return (
    <Tabs value={view.tab} onValueChange={(tab) => change({ tab })}>
      <TabsList aria-label="About the dataset">
        <TabsTrigger value="rows">Rows</TabsTrigger>
        <TabsTrigger value="statistics">Statistics</TabsTrigger>
        <TabsTrigger value="problems">
          Problems {problemCount > 0 ? <TabCount>{problemCount}</TabCount> : null}
        </TabsTrigger>
        <TabsTrigger value="use">Use it</TabsTrigger>
        <TabsTrigger value="activity">Activity</TabsTrigger>
      </TabsList>
      <TabsContent value="rows">{ready ? <RowBrowser dataset={dataset} /> : null}</TabsContent>
      <TabsContent value="statistics">
        <StatisticsPanel dataset={dataset} />
      </TabsContent>
      <TabsContent value="problems">
        <ProblemsPanel metadata={dataset.metadata} />
      </TabsContent>
      <TabsContent value="use">
        <UseItPanel dataset={dataset} />
      </TabsContent>
      <TabsContent value="activity">
        <ActivityPanel dataset={dataset} />
      </TabsContent>
    </Tabs>
  )
}
