import { createElement, type ComponentChildren, type VNode } from 'preact';

type Attributes = Readonly<Record<string, string | number>>;

/** An element of a page. Preact escapes every child and attribute; a child that is undefined is left out. */
export const h = (name: string, attributes: Attributes, ...children: ComponentChildren[]): VNode =>
  createElement(name, attributes, ...children);
