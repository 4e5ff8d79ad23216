import type { Place } from './place.js';
import type { Steps } from './steps.js';

/** Elements that were chosen, at most one of each array. */
export type Chosen = readonly Place[];

interface Node {
  /** Undefined for the root, which is in no array. */
  readonly place: Place | undefined;
  readonly outer: Node | undefined;
  /** A value stands right here, in no further array. */
  hasValue: boolean;
  /** One that is accepted. */
  isAccepted: boolean;
  /** Something below, or here, is accepted. */
  leadsToAccepted: boolean;
  /** The arrays below; usually one, and none below most nodes. */
  branches: Branch[] | undefined;
  /** The same by their array, where they are many. */
  byArray: Map<readonly unknown[], Branch> | undefined;
}

/** So many are looked through one by one. */
const FEW = 8;

/**
 * Where the values of one leaf are, by the elements of arrays that they are in: those in chosen elements are found without
 * a look at the others.
 */
export class PlaceTree {
  private readonly root: Node = nodeOf(undefined, undefined);
  /** Of the element with an array in it that was added to last. */
  private lastOuter: Node | undefined;
  /** Of all of these: none is looked for from the root again, however deep it is. */
  private readonly outers = new Map<Place, Node>();

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

  private isReached({ hasValue, branches }: Node, chosen: Chosen, steps: Steps): boolean {
    steps.take(1);
    if (hasValue) return true;
    if (branches === undefined) return false;
    for (const branch of branches) {
      steps.take(1 + chosen.length);
      const element = chosen.find(({ array }) => array === branch.array);
      // No element of an array within an array was chosen without one of that.
      if (element === undefined) return true;
      const node = branch.at(element);
      if (node !== undefined && this.isReached(node, chosen, steps)) return true;
    }
    return false;
  }

  private collect(node: Node, chosen: Chosen, joined: Chosen, steps: Steps, choices: Chosen[]): void {
    steps.take(1 + joined.length);
    if (node.isAccepted) choices.push(joined);
    if (node.branches === undefined) return;
    for (const branch of node.branches) {
      steps.take(1 + chosen.length);
      const element = chosen.find(({ array }) => array === branch.array);
      if (element === undefined) {
        steps.take(branch.nodes.length);
        for (const inner of branch.nodes) {
          if (inner.leadsToAccepted) this.collect(inner, chosen, [...joined, inner.place as Place], steps, choices);
        }
      } else {
        const inner = branch.at(element);
        if (inner?.leadsToAccepted) this.collect(inner, chosen, joined, steps, choices);
      }
    }
  }

  private nodeOf(place: Place | undefined): Node {
    if (place === undefined) return this.root;
    const outer = this.outerOf(place.outer);
    return branchOf(outer, place.array).nodeOf(place, outer);
  }

  /** What is added one after the other is mostly in the same element. */
  private outerOf(place: Place | undefined): Node {
    if (place === undefined) return this.root;
    if (this.lastOuter?.place === place) return this.lastOuter;
    const outer = this.outers.get(place) ?? this.nodeOf(place);
    this.outers.set(place, outer);
    this.lastOuter = outer;
    return outer;
  }
}

/** Elements of one array that lead to values, by their place. */
class Branch {
  readonly nodes: Node[] = [];
  /** Once one was added that comes before another: until then they are in the order of the array. */
  private byPlace: Map<Place, Node> | undefined;

  constructor(readonly array: readonly unknown[]) {}

  at(place: Place): Node | undefined {
    return this.byPlace === undefined ? this.found(place.index) : this.byPlace.get(place);
  }

  /** Adds it where it is not there. */
  nodeOf(place: Place, outer: Node): Node {
    const last = this.nodes.at(-1)?.place;
    if (last !== undefined && place.index <= last.index) {
      const known = this.at(place);
      if (known !== undefined) return known;
      this.byPlace ??= new Map(this.nodes.map((node) => [node.place as Place, node]));
    }
    const node = nodeOf(place, outer);
    this.nodes.push(node);
    this.byPlace?.set(place, node);
    return node;
  }

  private found(index: number): Node | undefined {
    let [from, to] = [0, this.nodes.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (indexOf(this.nodes[middle]) < index) from = middle + 1;
      else to = middle;
    }
    const node = this.nodes[from];
    return indexOf(node) === index ? node : undefined;
  }
}

const indexOf = (node: Node | undefined): number => node?.place?.index ?? -1;

const branchOf = (node: Node, array: readonly unknown[]): Branch => {
  node.branches ??= [];
  const { branches } = node;
  if (branches.length > FEW) node.byArray ??= new Map(branches.map((branch) => [branch.array, branch]));
  const known =
    node.byArray === undefined ? branches.find((branch) => branch.array === array) : node.byArray.get(array);
  if (known !== undefined) return known;
  const branch = new Branch(array);
  branches.push(branch);
  node.byArray?.set(array, branch);
  return branch;
};

const nodeOf = (place: Place | undefined, outer: Node | undefined): Node => ({
  place,
  outer,
  hasValue: false,
  isAccepted: false,
  leadsToAccepted: false,
  branches: undefined,
  byArray: undefined,
});
