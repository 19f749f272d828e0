'use client'

import { Controller, useFormContext, useWatch } from 'react-hook-form'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { NativeSelect } from '#components/ui/native-select.tsx'
import { Textarea } from '#components/ui/textarea.tsx'
import {
  trainingMethodLabels,
  trainingMethodSchema,
  trainingMethods,
} from '#lib/training/training-config.types.ts'
import { HyperparameterFields } from './HyperparameterFields.tsx'
import type { LaunchInput } from './launch-values.ts'
import { methodHints } from './method-hints.ts'
import { PresetChoice } from './PresetChoice.tsx'
import { presetHyperparameters, presetOf } from './presets.ts'
import { EnvironmentFields } from './run/EnvironmentFields.tsx'
import { Step } from './Step.tsx'
import { TrainerField } from './TrainerField.tsx'

const suggestions = [
  'Qwen/Qwen2.5-0.5B-Instruct',
  'HuggingFaceTB/SmolLM2-360M-Instruct',
  'meta-llama/Llama-3.2-1B-Instruct',
  'google/gemma-3-1b-it',
]

export function ModelStep() {
  const { register, setValue, getValues, formState } = useFormContext<LaunchInput>()
  const trainer = useWatch<LaunchInput, 'trainer'>({ name: 'trainer' })
  const { errors } = formState
  const changeMethod = (text: string) => {
    const method = trainingMethodSchema.parse(text)
    const { method: before, trainer: runs, hyperparameters } = getValues()
    const preset = presetOf(hyperparameters, before, runs)
    setValue('method', method, { shouldDirty: true })
    if (preset)
      setValue('hyperparameters', { ...hyperparameters, ...presetHyperparameters(preset, method, runs) })
  }
  return (
    <Step number={2} title="What" question="The model to start from, and how it learns.">
      <Field
        label="Base model"
        error={errors.base_model?.message}
        hint={
          trainer === 'smoke'
            ? 'The smoke test keeps this name with the job but neither downloads nor trains this model.'
            : 'A Hugging Face repository, or a path that the trainer can read.'
        }
      >
        {(control) => (
          <>
            <Input
              {...control}
              {...register('base_model')}
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
            />
            <span className="flex flex-wrap gap-1.5">
              {suggestions.map((model) => (
                <Button
                  key={model}
                  size="sm"
                  className="max-w-full font-normal text-muted-foreground"
                  onClick={() => setValue('base_model', model, { shouldDirty: true, shouldValidate: true })}
                >
                  <span className="truncate">{model.split('/')[1]}</span>
                </Button>
              ))}
            </span>
          </>
        )}
      </Field>
      <div className="grid gap-5 md:grid-cols-2">
        <Controller<LaunchInput, 'method'>
          name="method"
          render={({ field }) => (
            <Field label="Method" hint={methodHints[field.value]}>
              {(control) => (
                <NativeSelect
                  {...control}
                  ref={field.ref}
                  onBlur={field.onBlur}
                  value={field.value}
                  onChange={({ target }) => changeMethod(target.value)}
                >
                  {trainingMethods.map((method) => (
                    <option key={method} value={method}>
                      {trainingMethodLabels[method]}
                    </option>
                  ))}
                </NativeSelect>
              )}
            </Field>
          )}
        />
        <TrainerField />
      </div>
      {trainer === 'command' && (
        <Field
          label="Command"
          error={errors.hyperparameters?.command?.message}
          hint="Runs in the job's folder. {dataset} and {output_dir} stand for the prepared file and the result's folder."
        >
          {(control) => (
            <Textarea
              {...control}
              {...register('hyperparameters.command')}
              spellCheck={false}
              className="font-mono"
              placeholder="python train.py --data {dataset} --out {output_dir}"
            />
          )}
        </Field>
      )}
      {trainer === 'llamafactory' && (
        <Field
          label="Chat template"
          error={errors.hyperparameters?.chat_template?.message}
          hint="LLaMA-Factory's name for it, such as qwen. Empty: chosen by the model."
        >
          {(control) => (
            <Input {...control} {...register('hyperparameters.chat_template')} spellCheck={false} />
          )}
        </Field>
      )}
      <PresetChoice />
      <HyperparameterFields />
      <EnvironmentFields />
    </Step>
  )
}
