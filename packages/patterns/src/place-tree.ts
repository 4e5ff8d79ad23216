import type { Place } from './place.js';
import type { Steps } from './steps.js';

/** Elements that were chosen, at most one of each array. */
export type Chosen = readonly Place[];

interface Node {
  /** A value stands right here, in no further array. */
  hasValue: boolean;
  /** One that is accepted. */
  isAccepted: boolean;
  /** Something below, or here, is accepted. */
  leadsToAccepted: boolean;
  readonly outer: Node | undefined;
  arrays: Map<readonly unknown[], Map<Place, Node>> | undefined;
}

/**
 * Where the values of one leaf are, by the elements of arrays that they are in: those in chosen elements are found without
 * a look at the others.
 */
export class PlaceTree {
  private readonly root: Node = nodeIn(undefined);
  /** Of elements with arrays in them. */
  private outers: Map<Place, Node> | undefined;

  add(place: Place | undefined, isAccepted: boolean): void {
    const node = this.nodeOf(place);
    node.hasValue = true;
    if (!isAccepted) return;
    node.isAccepted = true;
    for (let one: Node | undefined = node; one !== undefined && !one.leadsToAccepted; one = one.outer) {
      one.leadsToAccepted = true;
    }
  }

  /** Whether any value is in no other element of an array than the chosen one. */
  reaches(chosen: Chosen, steps: Steps): boolean {
    return this.isReached(this.root, chosen, steps);
  }

  /** What is chosen when an accepted value is, for each that agrees with what was chosen before, each once. */
  choices(chosen: Chosen, steps: Steps): Chosen[] {
    const choices: Chosen[] = [];
    this.collect(this.root, chosen, chosen, steps, choices);
    return choices;
  }

  private isReached({ hasValue, arrays }: Node, chosen: Chosen, steps: Steps): boolean {
    steps.take(1);
    if (hasValue) return true;
    for (const [array, elements] of arrays ?? []) {
      steps.take(1 + chosen.length);
      const element = chosen.find((one) => one.array === array);
      // No element of an array within an array was chosen without one of that.
      if (element === undefined) return true;
      const node = elements.get(element);
      if (node !== undefined && this.isReached(node, chosen, steps)) return true;
    }
    return false;
  }

  private collect(node: Node, chosen: Chosen, joined: Chosen, steps: Steps, choices: Chosen[]): void {
    steps.take(1 + joined.length);
    if (node.isAccepted) choices.push(joined);
    for (const [array, elements] of node.arrays ?? []) {
      steps.take(1 + chosen.length);
      const element = chosen.find((one) => one.array === array);
      if (element === undefined) {
        steps.take(elements.size);
        for (const [place, inner] of elements) {
          if (inner.leadsToAccepted) this.collect(inner, chosen, [...joined, place], steps, choices);
        }
      } else {
        const inner = elements.get(element);
        if (inner?.leadsToAccepted) this.collect(inner, chosen, joined, steps, choices);
      }
    }
  }

  private nodeOf(place: Place | undefined): Node {
    if (place === undefined) return this.root;
    const outer = this.outerOf(place.outer);
    const elements = elementsOf(outer, place.array);
    const known = elements.get(place);
    if (known !== undefined) return known;
    const node = nodeIn(outer);
    elements.set(place, node);
    return node;
  }

  private outerOf(place: Place | undefined): Node {
    if (place === undefined) return this.root;
    this.outers ??= new Map();
    const known = this.outers.get(place);
    if (known !== undefined) return known;
    const node = this.nodeOf(place);
    this.outers.set(place, node);
    return node;
  }
}

const elementsOf = (node: Node, array: readonly unknown[]): Map<Place, Node> => {
  node.arrays ??= new Map();
  const known = node.arrays.get(array);
  if (known !== undefined) return known;
  const elements = new Map<Place, Node>();
  node.arrays.set(array, elements);
  return elements;
};

const nodeIn = (outer: Node | undefined): Node => ({
  hasValue: false,
  isAccepted: false,
  leadsToAccepted: false,
  outer,
  arrays: undefined,
});
