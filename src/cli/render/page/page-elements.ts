import { createElement, type ComponentChildren, type VNode } from 'preact';

type Attributes = Readonly<Record<string, string | number>>;

/** An element of a page. Preact escapes every child and attribute; a child that is undefined is left out. */
export const h = (name: string, attributes: Attributes, ...children: ComponentChildren[]): VNode =>
  createElement(name, attributes, ...children);

export type Part = VNode | undefined;

export const section = (title: string, ...children: ComponentChildren[]): VNode =>
  h('section', {}, h('h2', {}, title), ...children);

export const list = (items: readonly string[]): Part =>
  items.length === 0 ? undefined : h('ul', {}, ...items.map((item) => h('li', {}, item)));

/** Names and values; values that are empty are left out. */
export const facts = (pairs: readonly [string, ComponentChildren][]): VNode =>
  h(
    'dl',
    {},
    ...pairs
      .filter(([, value]) => value !== undefined && value !== '')
      .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );

export const tag = (kind: string, text: string): VNode => h('span', { class: `tag ${kind}` }, text);
