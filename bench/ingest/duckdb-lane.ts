/** Runs the SQL statement that it is given. */
import { availableParallelism } from 'node:os'
import { DuckDBInstance } from '@duckdb/node-api'

const instance = await DuckDBInstance.create(':memory:', { threads: String(availableParallelism()) })
const connection = await instance.connect()
await connection.run(process.argv[2] ?? '')
connection.closeSync()
