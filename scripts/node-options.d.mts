export declare const nodeOptions: string[]
export declare const serverOptions: string[]
