import { Argument, type Command, type Option } from 'commander'
import type { Action, Run } from '../program.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function addCompletion(program: Command, run: Run): void {
  const complete: Action<[Shell], object> = async ({ output }, _options, shell) => {
    const script = scripts[shell](branchesOf(program))
    output.result({ shell, script }, script)
  }
  program
    .command('completion')
    .description('print what teaches your shell the commands')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      [
        '',
        'bash:  eval "$(finetunelab completion bash)"   in ~/.bashrc',
        'zsh:   eval "$(finetunelab completion zsh)"    in ~/.zshrc, behind compinit',
        'fish:  finetunelab completion fish > ~/.config/fish/completions/finetunelab.fish',
      ].join('\n'),
    )
    .action(run(complete))
}

/** What may follow a command: its subcommands and options, and the words that an option takes. */
interface Branch {
  /** `` for the program itself, `datasets push` for a subcommand. */
  path: string
  words: { word: string; help: string }[]
  choices: { option: string; values: readonly string[] }[]
  takesFile: boolean
}

function branchesOf(command: Command, path: string[] = []): Branch[] {
  const options = command.options.filter(({ hidden }) => !hidden)
  const words = [
    ...command.commands.map((one) => ({ word: one.name(), help: one.description() })),
    ...options.flatMap(({ long, description }) => (long ? [{ word: long, help: description }] : [])),
    { word: '--help', help: 'how to use it' },
  ]
  const choices = options.flatMap(({ long, argChoices }: Option) =>
    long && argChoices ? [{ option: long, values: argChoices }] : [],
  )
  const own = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])
  const takesFile = command.registeredArguments.some((argument) => argument.name() === 'file')
  const branch = {
    path: path.join(' '),
    words: [...own.map((word) => ({ word, help: '' })), ...words],
    choices,
    takesFile,
  }
  return [branch, ...command.commands.flatMap((one) => branchesOf(one, [...path, one.name()]))]
}

const scripts = { bash, zsh, fish } as const satisfies Record<Shell, (branches: Branch[]) => string>

/** The words before the cursor that are no options say where in the tree of commands we are. */
function bash(branches: Branch[]): string {
  const cases = branches.map(({ path, words, takesFile }) => {
    const list = words.map(({ word }) => word).join(' ')
    const files = takesFile ? ' $(compgen -f -- "$word")' : ''
    return `    "${path}") COMPREPLY=($(compgen -W "${list}" -- "$word")${files}) ;;`
  })
  const values = branches.flatMap(({ path, choices }) =>
    choices.map(
      ({ option, values }) =>
        `    "${path} ${option}"|" ${option}") COMPREPLY=($(compgen -W "${values.join(' ')}" -- "$word")); return ;;`,
    ),
  )
  return `_finetunelab() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" next
  local -a known=(${branches.map(({ path }) => `"${path}"`).join(' ')})
  COMPREPLY=()
  for next in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    for one in "\${known[@]}"; do
      [ "$one" = "\${path:+$path }$next" ] && path="$one" && break
    done
  done
  case "$path $before" in
${values.join('\n')}
  esac
  case "$path" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _finetunelab finetunelab`
}

/** In its own language: it would run bash's script, were it not for `path`, which is its PATH, and `${x:y:z}`. */
function zsh(branches: Branch[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`
  const cases = branches.map(({ path, words, takesFile }) => {
    const list = words.map(({ word, help }) => quoted(`${word}:${help.replaceAll(':', '\\:')}`))
    const files = takesFile ? '; _files' : ''
    return `    ${quoted(path)}) found=(${list.join(' ')}); _describe finetunelab found${files} ;;`
  })
  const values = branches.flatMap(({ path, choices }) =>
    choices.map(
      ({ option, values }) =>
        `    ${quoted(`${path} ${option}`)}) found=(${values.join(' ')}); _describe value found; return ;;`,
    ),
  )
  return `_finetunelab() {
  local at='' next
  local -a known=(${branches.map(({ path }) => quoted(path)).join(' ')}) found
  for next in "\${(@)words[2,CURRENT-1]}"; do
    next="\${at:+$at }$next"
    (( \${known[(Ie)$next]} )) && at=$next
  done
  case "$at \${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case $at in
${cases.join('\n')}
  esac
}
compdef _finetunelab finetunelab`
}

function fish(branches: Branch[]): string {
  const lines = branches.flatMap(({ path, words, choices, takesFile }) => {
    const steps = path.split(' ').filter(Boolean)
    const children = branches.filter(
      (one) => one.path !== path && one.path.startsWith(path ? `${path} ` : ''),
    )
    const names = [...new Set(children.map((one) => one.path.split(' ')[steps.length]!))]
    const here = steps.map((step) => `__fish_seen_subcommand_from ${step}`)
    const notDeeper = names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(' ')}`] : []
    const condition = [...here, ...notDeeper].join('; and ')
    const when = condition ? ` -n '${condition}'` : ''
    return words.map(({ word, help }) => {
      const described = help ? ` -d '${help.replaceAll("'", '’')}'` : ''
      if (!word.startsWith('--')) return `complete -c finetunelab -f${when} -a ${word}${described}`
      const values = choices.find(({ option }) => option === word)?.values
      const takes = values ? ` -x -a '${values.join(' ')}'` : takesFile ? '' : ' -f'
      return `complete -c finetunelab${when} -l ${word.slice(2)}${takes}${described}`
    })
  })
  return lines.join('\n')
}
