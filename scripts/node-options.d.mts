export declare const nodeOptions: string[]
export declare const serverOptions: string[]
export declare const serverEnvironment: { MALLOC_ARENA_MAX: string }
