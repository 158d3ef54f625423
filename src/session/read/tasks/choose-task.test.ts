import { expect, test } from 'vitest'
import { chooseTask } from './choose-task.js'

const tasks = [
  { name: 'fetch', id: 0x7f10 },
  { name: 'twin', id: 0x7f20 },
  { name: 'twin', id: 0x7f30 },
]

test.each(['fetch', '32528', '0x7f10'])('%s names a task', (which) => {
  expect(chooseTask(tasks, which)).toBe(tasks[0])
})

test('what names none, or several, ends in the tasks that can be named', () => {
  const spell = (task: string): string => `@task:${task}`
  expect(() => chooseTask(tasks, 'fetsh', spell)).toThrow(
    expect.objectContaining({
      code: 'TASK_NOT_FOUND',
      message: 'no task is called fetsh',
      hint: 'Did you mean @task:fetch? List the tasks: remora tasks PID',
      details: { task: 'fetsh', there: ['@task:fetch', '@task:twin'], near: ['@task:fetch'] },
    }),
  )
  expect(() => chooseTask(tasks, 'twin')).toThrow(
    expect.objectContaining({
      code: 'TASK_NOT_FOUND',
      message: '2 tasks are called twin',
      details: { task: 'twin', there: ['0x7f20', '0x7f30'], near: ['0x7f20', '0x7f30'] },
    }),
  )
  expect(() => chooseTask(tasks, 'other')).toThrow(
    expect.objectContaining({ hint: 'There are: fetch, twin. List the tasks: remora tasks PID' }),
  )
})
